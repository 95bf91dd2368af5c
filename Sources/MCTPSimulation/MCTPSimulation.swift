// MCTPSimulation
