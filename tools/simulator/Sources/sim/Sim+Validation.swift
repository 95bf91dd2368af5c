import ArgumentParser

// What does not go together: nothing that was asked for is left out in silence.
extension Sim {
  func validate() throws {
    try exhaustive.check(names: scenarios)
    if exhaustive.exhaustive, hasWork || list || speed || seed != nil || noFaults {
      throw ValidationError("--exhaustive goes with boards, --json and its own options only.")
    }
    if seed != nil, seeds != nil {
      throw ValidationError("--seed is one run and --seeds are many: give one of them.")
    }
    if seed != nil, first != nil {
      throw ValidationError("--first is the first of many seeds: leave it out beside --seed.")
    }
    if seeds == 0 || jobs.map({ !(1...256).contains($0) }) ?? false || (failures ?? 1) < 1 {
      throw ValidationError("--seeds, --jobs and --failures are 1 or more, --jobs 256 at most.")
    }
    if list, hasWork || speed || seed != nil || noFaults {
      throw ValidationError("--list goes with names and --json only: leave the others out.")
    }
    if speed, hasWork {
      throw ValidationError(
        "--speed goes with names, --seed and --json only: leave the others out.")
    }
    if without != nil || trace != nil || capture != nil, seed == nil || scenarios.count != 1 {
      throw ValidationError(
        "--without, --trace and --capture are for one run: name one scenario and --seed.")
    }
    if let hours, !(hours > 0 && hours <= 900) || noFaults || avoid != nil || drawKnown {
      throw ValidationError(
        "--hours is above 0, 900 at most, and goes without --no-faults, --avoid and --draw-known.")
    }
    if let load, !(0.1...4).contains(load) || hours == nil {
      throw ValidationError("--load is 0.1 to 4, and goes with --hours.")
    }
    if noFaults, avoid != nil {
      throw ValidationError("--no-faults draws nothing: leave --avoid out.")
    }
    if twice, seed != nil {
      throw ValidationError("--twice goes with --seeds, not with --seed.")
    }
    if [json, trace == "-", capture == "-"].filter({ $0 }).count > 1 {
      throw ValidationError(
        "only one of --json, --trace - and --capture - can have standard output: name a file.")
    }
  }

  /// Something is asked for that only runs with faults and reports have.
  private var hasWork: Bool {
    seeds != nil || first != nil || avoid != nil || hours != nil || load != nil || jobs != nil
      || failures != nil || without != nil
      || trace != nil || capture != nil || !reduce || twice || verbose
  }
}
