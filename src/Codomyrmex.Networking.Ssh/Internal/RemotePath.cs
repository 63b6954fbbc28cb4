namespace Codomyrmex.Networking.Ssh.Internal;

/// <summary>Paths of servers: parts between slashes.</summary>
internal static class RemotePath
{
    /// <summary>Whether a server's word is the name of something in a directory, here as there: it leads nowhere else (CVE-2019-6111).</summary>
    public static bool IsName(string name) =>
        name.Length > 0 && name is not ("." or "..") && !name.AsSpan().ContainsAny('/', '\0') && (!OperatingSystem.IsWindows() || !name.AsSpan().ContainsAny('\\', ':'));

    public static string Join(string folder, string name) => folder.EndsWith('/') ? folder + name : $"{folder}/{name}";

    /// <summary>The directory above; null for the root and for a single name.</summary>
    public static string? Parent(string path)
    {
        var trimmed = path.TrimEnd('/');
        var slash = trimmed.LastIndexOf('/');
        return slash < 0 ? null : slash == 0 ? (trimmed.Length > 1 ? "/" : null) : trimmed[..slash];
    }

    /// <summary>The last part.</summary>
    public static string Name(string path)
    {
        var trimmed = path.TrimEnd('/');
        return trimmed[(trimmed.LastIndexOf('/') + 1)..];
    }
}
