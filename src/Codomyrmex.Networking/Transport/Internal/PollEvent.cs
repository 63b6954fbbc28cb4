namespace Codomyrmex.Networking.Transport.Internal;

/// <summary>What happened to one descriptor; of key 0, nothing.</summary>
internal readonly record struct PollEvent(PollEvents Events, ulong Key);
