namespace Codomyrmex.Networking.Scanning.Internal;

/// <summary>The words and numbers of reports on their way back into findings.</summary>
internal static class ReportParts
{
    private static readonly Dictionary<string, PortState> States = Enum.GetValues<PortState>().ToDictionary(ScanText.Of, StringComparer.Ordinal);
    private static readonly Dictionary<string, PortReason> Reasons = Enum.GetValues<PortReason>().ToDictionary(ScanText.Of, StringComparer.Ordinal);

    /// <summary>What is known of a scan of which nothing is known.</summary>
    public static ScanReport Empty => new()
    {
        Targets = "",
        Ports = "",
        StartedAt = default,
        Results = [],
        Summary = new ScanSummary
        {
            Hosts = 0,
            HostsUp = 0,
            Ports = 0,
            Open = 0,
            Closed = 0,
            Filtered = 0,
            OpenOrFiltered = 0,
            ProbesSent = 0,
            Elapsed = default,
            Recall = 1,
            Confidence = 1,
            Mode = ScanMode.Connect,
            ModeReason = "",
        },
    };

    public static int Port(int port) => port is >= 1 and <= 65535 ? port : throw new FormatException($"{port} is not a port from 1 to 65535.");

    public static PortProtocol Protocol(string? word) => word switch
    {
        "tcp" => PortProtocol.Tcp,
        "udp" => PortProtocol.Udp,
        _ => throw new FormatException($"'{Printable.Text(word, 40)}' is no protocol; there are tcp and udp."),
    };

    public static PortState State(string? word) =>
        word is not null && States.TryGetValue(word, out var state) ? state : throw new FormatException($"'{Printable.Text(word, 40)}' is no state of a port.");

    /// <summary>A reason; what others call by names that we do not have is the nearest of ours.</summary>
    public static PortReason Reason(string? word) => word switch
    {
        not null when Reasons.TryGetValue(word, out var reason) => reason,
        "conn-refused" or "reset" => PortReason.Reset,
        "port-unreach" => PortReason.IcmpPortUnreachable,
        "host-unreach" => PortReason.IcmpHostUnreachable,
        "net-unreach" => PortReason.IcmpNetUnreachable,
        "admin-prohibited" or "admin-prohib" => PortReason.IcmpAdminProhibited,
        "host-prohibited" => PortReason.IcmpHostProhibited,
        "net-prohibited" => PortReason.IcmpNetProhibited,
        "proto-unreach" => PortReason.IcmpProtocolUnreachable,
        "no-response" => PortReason.Timeout,
        not null when word.EndsWith("-response", StringComparison.Ordinal) => PortReason.UdpResponse,
        _ => PortReason.Timeout,
    };

    public static TimeSpan? Milliseconds(double? value) => value is >= 0 and < 1e12 ? TimeSpan.FromMilliseconds(value.Value) : null;
}
