using Codomyrmex.Networking.Http;

namespace Codomyrmex.Networking.Crawling;

/// <summary>
/// Who crawls: what sites see in their logs, look for in their robots.txt and can hold to account. Setting <see cref="CrawlerOptions.Identity"/> is the one switch: it
/// sends the user agent with its contact, and signs every request where there is a key. Immutable.
/// </summary>
public sealed record CrawlIdentity
{
    /// <summary>The product token, such as <c>ExampleBot</c>: letters, digits, '-' and '_'. robots.txt is read for this name.</summary>
    public required string Name { get; init; }

    /// <summary>The version in the user agent. The default value is 1.0.</summary>
    public string Version { get; init; } = "1.0";

    /// <summary>Where to complain: an http or https URL, or an address of mail.</summary>
    public required string Contact { get; init; }

    /// <summary>Signs each request for its own origin (Web Bot Auth). The default value is null: unsigned.</summary>
    public WebBotAuthOptions? Signature { get; init; }

    /// <summary>The user agent that is sent: <c>ExampleBot/1.0 (+https://example.com/bot)</c>.</summary>
    public string UserAgent => $"{Name}/{Version} (+{Contact})";

    /// <summary>Throws where a value makes no sense.</summary>
    /// <exception cref="ArgumentException">A property is wrong; its name is in the message.</exception>
    public void Validate()
    {
        if (string.IsNullOrEmpty(Name) || !Name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_'))
            throw new ArgumentException($"'{Name}' is no product token: letters, digits, '-' and '_'.", "CrawlIdentity.Name");
        if (string.IsNullOrEmpty(Version) || !Version.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.'))
            throw new ArgumentException($"'{Version}' is no version: letters, digits, '.', '-' and '_'.", "CrawlIdentity.Version");
        var isUrl = Uri.TryCreate(Contact, UriKind.Absolute, out var url) && url.Scheme is "http" or "https" or "mailto";
        if (string.IsNullOrEmpty(Contact) || Contact.Any(c => c is <= ' ' or >= '\x7f' or '(' or ')') || !(isUrl || Contact.Contains('@')))
            throw new ArgumentException($"'{Contact}' tells nobody where to complain: give a URL or an address of mail.", "CrawlIdentity.Contact");
        Signature?.Validate();
    }
}
