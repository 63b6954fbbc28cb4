using System.Text;

namespace Codomyrmex.Networking.Http;

/// <summary>A key of an account of Azure Storage (blobs, queues, files), or of a service that speaks its Shared Key. Immutable.</summary>
public sealed record AzureSharedKeyOptions
{
    /// <summary>The account's name.</summary>
    public required string Account { get; init; }

    /// <summary>The account's key, in base64 as the portal shows it.</summary>
    public required string Key { get; init; }

    /// <summary>
    /// The version of the service that requests ask for (<c>x-ms-version</c>) where they name none themselves; 2015-02-21 is the least for which these signatures are right. The default value is <c>2021-12-02</c>.
    /// </summary>
    public string Version { get; init; } = "2021-12-02";

    /// <summary>Throws where a value makes no sense.</summary>
    /// <exception cref="ArgumentException">A property is wrong; its name is in the message.</exception>
    public void Validate()
    {
        ArgumentException.ThrowIfNullOrEmpty(Account, "AzureSharedKeyOptions.Account");
        if (!Account.All(static c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-'))
            throw new ArgumentException("An account's name has lower-case letters, digits and hyphens.", "AzureSharedKeyOptions.Account");
        ArgumentException.ThrowIfNullOrEmpty(Key, "AzureSharedKeyOptions.Key");
        Span<byte> key = new byte[Key.Length];
        if (!Convert.TryFromBase64String(Key, key, out var length) || length == 0)
            throw new ArgumentException("A key is in base64.", "AzureSharedKeyOptions.Key");
        ArgumentException.ThrowIfNullOrEmpty(Version, "AzureSharedKeyOptions.Version");
        FieldRules.CheckValue("x-ms-version", Version);
    }

    private bool PrintMembers(StringBuilder text)
    {
        text.Append("Account = ").Append(Account).Append(", Version = ").Append(Version);
        return true;
    }
}
