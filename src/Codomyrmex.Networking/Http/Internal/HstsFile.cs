using System.Text.Json;

namespace Codomyrmex.Networking.Http.Internal;

/// <summary>The form of an <see cref="HstsStore"/> on disk.</summary>
internal sealed class HstsFile
{
    public const int Current = 1;

    public int Version { get; init; } = Current;

    public HstsHost[]? Hosts { get; init; }

    /// <summary>Reads a file.</summary>
    /// <exception cref="FormatException">It is no such store; the message says where and why.</exception>
    public static HstsHost[] Read(byte[] bytes, string path)
    {
        HstsFile? file;
        try
        {
            file = JsonSerializer.Deserialize(bytes, StateJson.Readable.HstsFile);
        }
        catch (JsonException error)
        {
            throw new FormatException($"{path} is not a list of HSTS hosts: {error.Message} It was not changed.", error);
        }
        if (file is not { Version: Current, Hosts: { } hosts })
            throw new FormatException($"{path} is not a list of HSTS hosts of version {Current}. It was not changed.");
        for (var i = 0; i < hosts.Length; i++)
        {
            if (hosts[i] is not { Name: { } name } || HostText.Parse(name) is not { Problem: null, IsAddress: false } host || host.Canonical() != name)
                throw new FormatException($"{path} is not a list of HSTS hosts: its host {i + 1} has no name of one. It was not changed.");
        }
        return hosts;
    }
}
