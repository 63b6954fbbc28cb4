namespace Codomyrmex.Networking.Transport.Linux;

/// <summary>What happened to one descriptor; of key 0, nothing.</summary>
internal readonly record struct PollEvent(PollEvents Events, ulong Key);
