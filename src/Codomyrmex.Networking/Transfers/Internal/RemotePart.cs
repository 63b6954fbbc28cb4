namespace Codomyrmex.Networking.Transfers.Internal;

/// <summary>A part of a remote file, opened for reading. To be disposed: it holds a connection.</summary>
internal sealed class RemotePart(Stream body, IAsyncDisposable owner) : IAsyncDisposable
{
    public Stream Body { get; } = body;

    /// <summary>The offset of the first byte: the one asked for, or 0.</summary>
    public required long From { get; init; }

    /// <summary>The offset behind the last byte, where known.</summary>
    public long? To { get; init; }

    /// <summary>The size of the whole file, where known.</summary>
    public long? Total { get; init; }

    /// <summary>Tells this content from every other that the file had or will have, byte for byte; null where nothing does.</summary>
    public string? Validator { get; init; }

    /// <summary>Whether the remote side says that it gives ranges.</summary>
    public bool HasRanges { get; init; }

    public string? ETag { get; init; }

    /// <summary>The name that the remote side suggests, as it came.</summary>
    public string? SuggestedName { get; init; }

    /// <summary>The SHA-256 of the whole file, where the remote side names it.</summary>
    public byte[]? Sha256 { get; init; }

    public ValueTask DisposeAsync() => owner.DisposeAsync();
}
