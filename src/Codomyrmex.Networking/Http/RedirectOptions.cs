namespace Codomyrmex.Networking.Http;

/// <summary>Whether and how redirects are followed (RFC 9110, section 15.4). Immutable.</summary>
public sealed record RedirectOptions
{
    /// <summary>The defaults: follow up to ten, never from https to http.</summary>
    public static RedirectOptions Default { get; } = new();

    /// <summary>Do not follow.</summary>
    public static RedirectOptions None { get; } = new() { Limit = 0 };

    /// <summary>The most redirects followed; 0 returns the redirect itself. The default value is 10.</summary>
    public int Limit { get; init; } = 10;

    /// <summary>Whether a redirect from https to http is followed. The default value is false.</summary>
    public bool AllowDowngrade { get; init; }

    /// <summary>
    /// Names of further request fields that go along to another origin. Only fields that are known to be harmless do by themselves: <c>Accept</c> and its family, <c>User-Agent</c>,
    /// what describes the body or asks for a part or version of a resource, and the trace. The default value is empty.
    /// </summary>
    /// <remarks>A secret is never carried, whatever its name: give a <see cref="Credential"/> for the other origin instead.</remarks>
    public IReadOnlyList<string> CarriedFields { get; init; } = [];

    /// <summary>Throws where a value makes no sense.</summary>
    /// <exception cref="ArgumentException">A property is wrong; its name is in the message.</exception>
    public void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfNegative(Limit, "RedirectOptions.Limit");
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Limit, 100, "RedirectOptions.Limit");
        ArgumentNullException.ThrowIfNull(CarriedFields, "RedirectOptions.CarriedFields");
        foreach (var name in CarriedFields)
        {
            if (!FieldRules.IsToken(name) || FieldRules.IsHost(name))
                throw new ArgumentException($"'{Printable.Text(name)}' is no name of a field that can go to another origin.", "RedirectOptions.CarriedFields");
            if (Redactor.IsSecretOfItself(name))
                throw new ArgumentException($"{name} is secret and stays with its origin; give a Credential for the other one.", "RedirectOptions.CarriedFields");
        }
    }
}
