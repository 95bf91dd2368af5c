// MCTPEndpoint
