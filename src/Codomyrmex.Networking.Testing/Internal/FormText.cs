namespace Codomyrmex.Networking.Testing.Internal;

/// <summary>Pairs in the manner of application/x-www-form-urlencoded, as queries and forms carry them.</summary>
internal static class FormText
{
    public static List<KeyValuePair<string, string>> Parse(string text)
    {
        var pairs = new List<KeyValuePair<string, string>>();
        foreach (var part in text.Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var equals = part.IndexOf('=', StringComparison.Ordinal);
            pairs.Add(equals < 0
                ? KeyValuePair.Create(Decode(part), string.Empty)
                : KeyValuePair.Create(Decode(part[..equals]), Decode(part[(equals + 1)..])));
        }
        return pairs;
    }

    private static string Decode(string text) => Uri.UnescapeDataString(text.Replace('+', ' '));
}
