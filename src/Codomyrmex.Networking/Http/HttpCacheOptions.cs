namespace Codomyrmex.Networking.Http;

/// <summary>The size and place of an <see cref="HttpCache"/>. Immutable.</summary>
public sealed record HttpCacheOptions
{
    /// <summary>The defaults: 64 MiB of memory, no disk.</summary>
    public static HttpCacheOptions Default { get; } = new();

    /// <summary>Bytes kept in memory, fields included; the least recently used go first. The default value is 64 MiB.</summary>
    public long MemoryBytes { get; init; } = 64L * 1024 * 1024;

    /// <summary>The largest body that is kept, in bytes as they came over the wire. The default value is 8 MiB.</summary>
    public int EntryBytes { get; init; } = 8 * 1024 * 1024;

    /// <summary>
    /// A directory where answers also outlive the process; made where it is missing, readable by its owner alone. The default value is null: none.
    /// </summary>
    public string? Directory { get; init; }

    /// <summary>Bytes kept in <see cref="Directory"/>; the longest unused go first. The default value is 512 MiB.</summary>
    public long DiskBytes { get; init; } = 512L * 1024 * 1024;

    /// <summary>Throws where a value makes no sense.</summary>
    /// <exception cref="ArgumentException">A property is wrong; its name is in the message.</exception>
    public void Validate()
    {
        if (MemoryBytes < 0)
            throw new ArgumentException("HttpCacheOptions.MemoryBytes is negative.");
        if (EntryBytes < 0)
            throw new ArgumentException("HttpCacheOptions.EntryBytes is negative.");
        if (DiskBytes < 0)
            throw new ArgumentException("HttpCacheOptions.DiskBytes is negative.");
        if (Directory is { Length: 0 })
            throw new ArgumentException("HttpCacheOptions.Directory is empty.");
    }
}
