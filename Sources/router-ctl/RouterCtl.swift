import ArgumentParser
import RouterControl

@main
struct RouterCtl: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "router-ctl",
    abstract: "Look into a running mctp-router, send messages through it, and steer its bus owner.",
    discussion: """
      EIDs are decimal, or hex after 0x. Tables go to standard output, errors to standard error.

      Exit status:
        0   done
        1   the daemon refused the request, or nobody answered
        2   no connection to the daemon
        64  the arguments make no sense
      """,
    subcommands: [
      Status.self, Ports.self, Routes.self, Endpoints.self, Drops.self, Ping.self, Send.self,
      Explain.self, Probe.self, EIDs.self, Tree.self, Discovery.self, Discover.self, Assign.self,
      Allocate.self, Forget.self, Recover.self, Events.self,
    ])

  @OptionGroup var common: CommonOptions
}
