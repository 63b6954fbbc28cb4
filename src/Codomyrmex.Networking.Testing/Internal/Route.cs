namespace Codomyrmex.Networking.Testing.Internal;

/// <summary>One mapped method and path.</summary>
internal sealed record Route(string Method, string Pattern, Func<LoopbackExchange, Task>? Handler, StaticResponse? Static)
{
    private readonly string[] _segments = Pattern.Split('/');

    /// <summary>Whether the pattern has places such as <c>{name}</c>.</summary>
    public bool IsTemplate { get; } = Pattern.Contains('{', StringComparison.Ordinal);

    public bool Takes(ReadOnlySpan<byte> method) =>
        Method == "*" || Equal(Method, method) || (Method == "GET" && method.SequenceEqual("HEAD"u8));

    /// <summary>The values of the places, or null where the path is another. A last place <c>{**name}</c> takes the rest.</summary>
    public Dictionary<string, string>? Match(string path)
    {
        var segments = path.Split('/');
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        for (var i = 0; i < _segments.Length; i++)
        {
            var wanted = _segments[i];
            if (wanted.StartsWith("{**", StringComparison.Ordinal))
            {
                values[wanted[3..^1]] = string.Join('/', segments.Skip(i));
                return values;
            }
            if (i >= segments.Length)
                return null;
            if (wanted.StartsWith('{'))
                values[wanted[1..^1]] = Uri.UnescapeDataString(segments[i]);
            else if (wanted != segments[i])
                return null;
        }
        return segments.Length == _segments.Length ? values : null;
    }

    private static bool Equal(string text, ReadOnlySpan<byte> bytes) => System.Text.Ascii.Equals(bytes, text);
}
