using System.Security.Cryptography;
using Codomyrmex.Networking.Http.Protocol;

namespace Codomyrmex.Networking.Http.Internal;

/// <summary>Signs requests for AWS (Signature Version 4), by the server's clock where it has shown that ours is off.</summary>
internal sealed class SigV4Authenticator(AwsSignatureOptions options) : Authenticator
{
    private readonly ServerClock _clock = new();
    private readonly bool _isS3 = options.Service.Equals("s3", StringComparison.OrdinalIgnoreCase);
    private DayKey? _key;

    public override bool CoversMessage => true;

    public override string Identity => $"aws {options.AccessKey} {options.SecretKey} {options.SessionToken}";

    public override async ValueTask<object?> PrepareAsync(RequestToSign request, CancellationToken cancellationToken)
    {
        var now = _clock.Now(request);
        var date = SigV4.Date(now);
        var payload = await PayloadAsync(request, cancellationToken).ConfigureAwait(false);
        request.SetHeader("X-Amz-Date", date);
        if (options.SessionToken is not null)
            request.SetHeader("X-Amz-Security-Token", options.SessionToken);
        if (_isS3 || options.UnsignedPayload)
            request.SetHeader("X-Amz-Content-Sha256", payload);
        var url = request.Url;
        var canonical = SigV4.CanonicalRequest(request.Method, url.AbsolutePath, url.Query.TrimStart('?'), request.Headers.Where(IsSigned), payload, _isS3, out var signed);
        request.SetHeader("Authorization", SigV4.Authorization(options.AccessKey, KeyOf(date[..8]), date, options.Region, options.Service, signed, canonical));
        return now;
    }

    // Where the body is gone, the refusal is the answer; the next request will be right.
    public override bool WantsReplay(RequestToSign request, HttpResponseMessage answer, object? prepared, bool isLast) =>
        _clock.Learn(request, answer, (DateTimeOffset)prepared!) && request.IsBodyReplayable;

    private byte[] KeyOf(string day)
    {
        var key = Volatile.Read(ref _key);
        if (key?.Day != day)
            Volatile.Write(ref _key, key = new DayKey(day, SigV4.Key(options.SecretKey, day, options.Region, options.Service)));
        return key.Key;
    }

    private async ValueTask<string> PayloadAsync(RequestToSign request, CancellationToken cancellationToken)
    {
        if (options.UnsignedPayload)
            return SigV4.UnsignedPayload;
        return request.IsBodyReplayable
            ? Convert.ToHexStringLower(await request.HashBodyAsync(HashAlgorithmName.SHA256, cancellationToken).ConfigureAwait(false))
            : throw AuthenticationFailure.BodyCannotBeHashed(request.Endpoint, "Send a replayable body, or leave it unsigned where the service allows that (AwsSignatureOptions.UnsignedPayload).");
    }

    // What intermediaries may change, or the engine adds, stays out.
    private static bool IsSigned(KeyValuePair<string, string> field) =>
        field.Key.StartsWith("x-amz-", StringComparison.OrdinalIgnoreCase) || field.Key.ToLowerInvariant() is "host" or "content-type" or "content-md5" or "range";

    private sealed record DayKey(string Day, byte[] Key);
}
