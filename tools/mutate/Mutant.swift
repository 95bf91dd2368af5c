// Which deliberate defect is at work: compiled into the copy that `tools/mutate/run` makes, as a
// part of MCTPWire, and nowhere else.

internal import Glibc

/// True when the environment variable MCTP_MUTANT names defect `number`. Read once a process.
public func mutant(_ number: Int) -> Bool { plantedNumber == number }

private let plantedNumber: Int = {
  guard let text = getenv("MCTP_MUTANT") else { return 0 }
  return Int(String(cString: text)) ?? 0
}()
