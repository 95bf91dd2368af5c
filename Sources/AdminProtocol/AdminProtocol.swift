// AdminProtocol
