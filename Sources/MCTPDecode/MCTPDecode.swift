// MCTPDecode
