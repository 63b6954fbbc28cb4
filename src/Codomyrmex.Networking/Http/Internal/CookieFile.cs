using System.Text.Json;
using Codomyrmex.Networking.Http.Protocol;

namespace Codomyrmex.Networking.Http.Internal;

/// <summary>The form of a cookie jar on disk.</summary>
internal sealed class CookieFile
{
    public const int Current = 1;

    public int Version { get; init; } = Current;

    public StoredCookie[]? Cookies { get; init; }

    /// <summary>Reads a file. It is ours, but lies where others can write: what it holds must be what a server could have set.</summary>
    /// <exception cref="FormatException">It is no cookie jar; the message says where and why.</exception>
    public static IEnumerable<StoredCookie> Read(byte[] bytes, string path)
    {
        CookieFile? file;
        try
        {
            file = JsonSerializer.Deserialize(bytes, StateJson.Readable.CookieFile);
        }
        catch (JsonException error)
        {
            throw new FormatException($"{path} is not a cookie jar: {error.Message} It was not changed.", error);
        }
        if (file is not { Version: Current, Cookies: { } cookies })
            throw new FormatException($"{path} is not a cookie jar of version {Current}. It was not changed.");
        for (var i = 0; i < cookies.Length; i++)
        {
            if (Problem(cookies[i]) is { } problem)
                throw new FormatException($"{path} is not a cookie jar: its cookie {i + 1} {problem}. It was not changed.");
        }
        // The list of public suffixes grows: a cookie that was for one owner may now be for many.
        return cookies.Where(cookie => cookie.IsHostOnly || !PublicSuffixes.Contains(cookie.Domain));
    }

    private static string? Problem(StoredCookie? cookie)
    {
        if (cookie is not { Name: { } name, Value: { } value, Domain: { } domain, Path: { } path })
            return "is not complete";
        if (name.Length + value.Length is 0 or > SetCookieField.MostCharacters || !IsText(name) || !IsText(value) || name.AsSpan().ContainsAny("=;") || value.Contains(';', StringComparison.Ordinal))
            return "has a name or value that no cookie has";
        if (HostText.Parse(domain) is not { Problem: null } host || host.Canonical() != domain)
            return "has a domain that is no host";
        return !path.StartsWith('/') || path.Contains(';', StringComparison.Ordinal) || !IsText(path) ? "has a path that is none" : null;
    }

    private static bool IsText(string text)
    {
        foreach (var c in text)
        {
            if (c is not ('\t' or (>= ' ' and <= '\xff' and not '\x7f')))
                return false;
        }
        return true;
    }
}
