using System.Net;
using Codomyrmex.Networking.Transport.Internal;

namespace Codomyrmex.Networking.Http.Internal;

/// <summary>
/// Bearer tokens from a token endpoint. One request for a token serves all calls that wait for it; each waits as long as its own deadline allows, and
/// what one gives up on goes on for the others. A 401 costs the token, and earns one replay with the next.
/// </summary>
internal sealed class OAuth2Authenticator(OAuth2Options options) : Authenticator
{
    private static readonly TimeSpan PauseAfterFailure = TimeSpan.FromSeconds(5);

    private readonly Lock _gate = new();
    private readonly TokenEndpoint _endpoint = new(options);

    // A flight belongs to one set of transport settings, so that its policy is that of each call that waits for it.
    private readonly Dictionary<HttpHandler, Task<AccessToken>> _flights = [];
    private readonly SemaphoreSlim _turn = new(1);
    private AccessToken? _token;
    private DateTimeOffset _renewNotBefore;

    public override string Identity => $"oauth2 {options.TokenUrl} {options.ClientId} {options.ClientSecret} {options.RefreshToken} {options.Scope}";

    public override async ValueTask<object?> PrepareAsync(RequestToSign request, CancellationToken cancellationToken)
    {
        var token = await TokenAsync(request.Exchange, request.Endpoint, cancellationToken).ConfigureAwait(false);
        request.SetHeader("Authorization", token.Field);
        return token;
    }

    public override bool WantsReplay(RequestToSign request, HttpResponseMessage answer, object? prepared, bool isLast)
    {
        if (answer.StatusCode != HttpStatusCode.Unauthorized)
            return false;
        // Only the token that was rejected: another call may have fetched the next one already.
        Interlocked.CompareExchange(ref _token, null, (AccessToken)prepared!);
        return true;
    }

    private ValueTask<AccessToken> TokenAsync(HttpExchange exchange, Endpoint target, CancellationToken cancellationToken)
    {
        var now = exchange.Clock.GetUtcNow();
        var token = Volatile.Read(ref _token);
        return token?.IsFresh(now) == true ? new(token) : RenewAsync(exchange, target, token?.Holds(now) == true ? token : null, now, cancellationToken);
    }

    private async ValueTask<AccessToken> RenewAsync(HttpExchange exchange, Endpoint target, AccessToken? old, DateTimeOffset now, CancellationToken cancellationToken)
    {
        Task<AccessToken> flight;
        lock (_gate)
        {
            if (_token?.IsFresh(now) == true)
                return _token;
            if (old is not null && now < _renewNotBefore)
                return old;
            if (!_flights.TryGetValue(exchange.Handler, out flight!))
            {
                _flights[exchange.Handler] = flight = FlyAsync(exchange);
                // All who wait for it may have given up.
                _ = flight.ContinueWith(static task => task.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
            }
        }
        try
        {
            return await flight.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (NetworkException) when (old?.Holds(exchange.Clock.GetUtcNow()) == true)
        {
            lock (_gate)
                _renewNotBefore = exchange.Clock.GetUtcNow() + PauseAfterFailure;
            return old;
        }
        catch (NetworkException error)
        {
            // The one error of the flight, in words of its own for each call that waited.
            throw ForCaller(error, target);
        }
    }

    private async Task<AccessToken> FlyAsync(HttpExchange exchange)
    {
        // Away from the lock.
        await Task.Yield();
        // A refresh token may be good for one use: whoever comes second takes what the first has got.
        var isTurnNeeded = options.RefreshToken is not null;
        if (isTurnNeeded)
            await _turn.WaitAsync().ConfigureAwait(false);
        try
        {
            if (Volatile.Read(ref _token) is { } other && other.IsFresh(exchange.Clock.GetUtcNow()))
                return other;
            var token = await _endpoint.FetchAsync(exchange).ConfigureAwait(false);
            Volatile.Write(ref _token, token);
            return token;
        }
        finally
        {
            lock (_gate)
                _flights.Remove(exchange.Handler);
            if (isTurnNeeded)
                _turn.Release();
        }
    }

    private static NetworkException ForCaller(NetworkException error, Endpoint target)
    {
        var failure = error.Failure with
        {
            Message = $"There is no access token for {target}: {error.Message}",
            Hint = error.Hint,
            // Of the token request; the call itself has not left.
            WasSent = WasSent.Never,
        };
        return error switch
        {
            PolicyException policy => new PolicyException(failure, error) { Rule = policy.Rule },
            HTTPException http => new HTTPException(failure, error) { Status = http.Status },
            _ => failure.ToException(error),
        };
    }
}
