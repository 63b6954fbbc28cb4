namespace Codomyrmex.Networking.Crawling;

/// <summary>When two URLs are one page. The page is fetched under the URL that it was found by first. Immutable.</summary>
public sealed record UrlRules
{
    /// <summary>The defaults.</summary>
    public static UrlRules Default { get; } = new();

    /// <summary>Whether the order of parameters does not count. The default value is true.</summary>
    public bool IgnoreOrder { get; init; } = true;

    /// <summary>
    /// Parameters that do not count, in any case; <c>utm_*</c> stands for all that begin so. The default value is those that follow visitors around and those
    /// that name their sessions.
    /// </summary>
    public IReadOnlyList<string> IgnoredParameters { get; init; } =
        ["utm_*", "gclid", "fbclid", "msclkid", "dclid", "mc_cid", "mc_eid", "igshid", "phpsessid", "jsessionid", "sessionid", "aspsessionid*", "cfid", "cftoken"];

    /// <summary>Throws where a value makes no sense.</summary>
    /// <exception cref="ArgumentException">A property is wrong; its name is in the message.</exception>
    public void Validate()
    {
        ArgumentNullException.ThrowIfNull(IgnoredParameters, "UrlRules.IgnoredParameters");
        if (IgnoredParameters.Any(name => string.IsNullOrEmpty(name) || name == "*"))
            throw new ArgumentException("A name is empty, or stands for all.", "UrlRules.IgnoredParameters");
    }
}
