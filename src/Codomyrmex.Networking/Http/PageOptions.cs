namespace Codomyrmex.Networking.Http;

/// <summary>How far <see cref="HTTPClient.PagesAsync(string, PageOptions?, RequestOptions?, CancellationToken)"/> goes. Immutable.</summary>
public sealed record PageOptions
{
    /// <summary>The defaults.</summary>
    public static PageOptions Default { get; } = new();

    /// <summary>Pages at most; a further one is an error, since the rest would be missing unseen. Stop the loop to take fewer. The default value is 1,000.</summary>
    public int Limit { get; init; } = 1_000;

    /// <summary>
    /// Whether a page may lead to another origin than that of the first page. Only harmless fields go there, as for redirects (<see cref="RedirectOptions.CarriedFields"/>). The default value is false.
    /// </summary>
    public bool AllowOtherOrigins { get; init; }

    /// <summary>Throws where a value makes no sense.</summary>
    /// <exception cref="ArgumentException">A property is wrong; its name is in the message.</exception>
    public void Validate()
    {
        if (Limit < 1)
            throw new ArgumentException("PageOptions.Limit is less than 1.");
    }
}
