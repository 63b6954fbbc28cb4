using System.Globalization;
using System.Text;

namespace Codomyrmex.Networking.Http.Protocol;

/// <summary>The text that an HTTP message signature signs (RFC 9421, section 2.5). Pure.</summary>
internal static class SignatureBase
{
    /// <summary>The covered components and the parameters: the value of a member of <c>Signature-Input</c> (section 2.3).</summary>
    public static string Parameters(
        IEnumerable<SignatureComponent> components, DateTimeOffset created, DateTimeOffset? expires = null, string? nonce = null, string? keyId = null, string? tag = null)
    {
        var text = new StringBuilder("(").AppendJoin(' ', components.Select(component => component.Identifier)).Append(')');
        text.Append(CultureInfo.InvariantCulture, $";created={created.ToUnixTimeSeconds()}");
        if (expires is { } end)
            text.Append(CultureInfo.InvariantCulture, $";expires={end.ToUnixTimeSeconds()}");
        Append(text, "nonce", nonce);
        Append(text, "keyid", keyId);
        Append(text, "tag", tag);
        return text.ToString();
    }

    /// <summary>The text to sign.</summary>
    /// <param name="components">The covered components.</param>
    /// <param name="parameters">See <see cref="Parameters"/>.</param>
    /// <param name="value">The value of a component in the message.</param>
    public static string Build(IEnumerable<SignatureComponent> components, string parameters, Func<SignatureComponent, string> value)
    {
        var text = new StringBuilder();
        foreach (var component in components)
            text.Append(component.Identifier).Append(": ").Append(value(component)).Append('\n');
        return text.Append("\"@signature-params\": ").Append(parameters).ToString();
    }

    /// <summary>A query parameter's value, decoded and escaped again (section 2.2.8); null where it is absent or there are several.</summary>
    /// <param name="query">The query, without '?'.</param>
    /// <param name="name">The parameter's name, escaped.</param>
    public static string? QueryParameter(string query, string name)
    {
        string? found = null;
        foreach (var pair in query.Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var equals = pair.IndexOf('=', StringComparison.Ordinal);
            if (Normal(equals < 0 ? pair : pair[..equals]) != name)
                continue;
            if (found is not null)
                return null;
            found = equals < 0 ? "" : Normal(pair[(equals + 1)..]);
        }
        return found;
    }

    private static string Normal(string text) => Uri.EscapeDataString(Uri.UnescapeDataString(text.Replace('+', ' ')));

    private static void Append(StringBuilder text, string name, string? value)
    {
        if (value is not null)
            text.Append(';').Append(name).Append('=').Append(StructuredText.String(value, name));
    }
}
