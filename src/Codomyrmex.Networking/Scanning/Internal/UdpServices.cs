using Codomyrmex.Networking.Scanning.Protocol;

namespace Codomyrmex.Networking.Scanning.Internal;

/// <summary>What a UDP port is sent, and what its answer says.</summary>
internal static class UdpServices
{
    /// <summary>The datagram for a port; empty where nothing is known to be answered there.</summary>
    public static ReadOnlyMemory<byte> QuestionFor(int port) => UdpProbes.For(port)?.Question ?? ReadOnlyMemory<byte>.Empty;

    /// <summary>Reads an answer; null where it says nothing that is known.</summary>
    public static ServiceInfo? Read(int port, ReadOnlySpan<byte> answer) => UdpProbes.For(port)?.Read(answer) is { } facts
        ? new ServiceInfo { Name = facts.Name, Product = facts.Product, Version = facts.Version, Banner = facts.Banner }
        : null;
}
