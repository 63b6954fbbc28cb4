using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Codomyrmex.Networking.Http.Protocol;

namespace Codomyrmex.Networking.Http.Internal;

/// <summary>Signs requests for Azure Storage with the account's key, by the server's clock where it has shown that ours is off.</summary>
internal sealed class SharedKeyAuthenticator(AzureSharedKeyOptions options) : Authenticator
{
    private readonly ServerClock _clock = new();
    private readonly byte[] _key = Convert.FromBase64String(options.Key);

    public override bool CoversMessage => true;

    public override string Identity => $"azure {options.Account} {options.Key}";

    public override ValueTask<object?> PrepareAsync(RequestToSign request, CancellationToken cancellationToken)
    {
        var now = _clock.Now(request);
        request.SetHeader("x-ms-date", now.ToString("r", CultureInfo.InvariantCulture));
        if (request.GetHeader("x-ms-version") is null)
            request.SetHeader("x-ms-version", options.Version);
        var text = SharedKey.StringToSign(request.Method, request.Url.AbsolutePath, request.Url.Query.TrimStart('?'), request.Headers, options.Account);
        request.SetHeader("Authorization", $"SharedKey {options.Account}:{Convert.ToBase64String(HMACSHA256.HashData(_key, Encoding.UTF8.GetBytes(text)))}");
        return new ValueTask<object?>(now);
    }

    // Where the body is gone, the refusal is the answer; the next request will be right.
    public override bool WantsReplay(RequestToSign request, HttpResponseMessage answer, object? prepared, bool isLast) =>
        _clock.Learn(request, answer, (DateTimeOffset)prepared!) && request.IsBodyReplayable;
}
