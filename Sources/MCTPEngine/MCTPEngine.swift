// MCTPEngine
