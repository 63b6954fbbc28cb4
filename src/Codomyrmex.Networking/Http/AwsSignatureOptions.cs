using System.Text;

namespace Codomyrmex.Networking.Http;

/// <summary>A key of AWS, or of a service that speaks its Signature Version 4, and what it is used for. Immutable.</summary>
public sealed record AwsSignatureOptions
{
    /// <summary>The access key's identifier.</summary>
    public required string AccessKey { get; init; }

    /// <summary>The secret key.</summary>
    public required string SecretKey { get; init; }

    /// <summary>The session token of temporary credentials. The default value is null.</summary>
    public string? SessionToken { get; init; }

    /// <summary>The region, <c>eu-central-1</c>.</summary>
    public required string Region { get; init; }

    /// <summary>The service, <c>s3</c>. With that one a path is an object's name, byte for byte; others normalise theirs.</summary>
    public required string Service { get; init; }

    /// <summary>
    /// Whether bodies stay out of the signature, where the service allows it: S3 over https. A body that can be read once needs it. The default
    /// value is false: bodies are read twice, once for their digest.
    /// </summary>
    public bool UnsignedPayload { get; init; }

    /// <summary>Throws where a value makes no sense.</summary>
    /// <exception cref="ArgumentException">A property is wrong; its name is in the message.</exception>
    public void Validate()
    {
        Check(AccessKey, "AwsSignatureOptions.AccessKey");
        ArgumentException.ThrowIfNullOrEmpty(SecretKey, "AwsSignatureOptions.SecretKey");
        Check(Region, "AwsSignatureOptions.Region");
        Check(Service, "AwsSignatureOptions.Service");
        if (SessionToken is not null)
            FieldRules.CheckValue("X-Amz-Security-Token", SessionToken);
    }

    private static void Check(string value, string property)
    {
        ArgumentException.ThrowIfNullOrEmpty(value, property);
        if (!value.All(c => c is > ' ' and < '\x7f' and not (',' or '/')))
            throw new ArgumentException("A part of a signature's scope has no space, comma or slash.", property);
    }

    private bool PrintMembers(StringBuilder text)
    {
        text.Append("AccessKey = ").Append(AccessKey).Append(", Region = ").Append(Region).Append(", Service = ").Append(Service);
        return true;
    }
}
