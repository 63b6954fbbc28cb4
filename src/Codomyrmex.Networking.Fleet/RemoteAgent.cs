using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Codomyrmex.Networking.Fleet.Internal.Agents;
using Codomyrmex.Networking.Rpc;

namespace Codomyrmex.Networking.Fleet;

/// <summary>
/// An agent of a fleet, called by its name wherever it is (<see cref="FleetClient.GetAgent"/>). The fleet says where; calls go there directly, over one connection that is kept. When the agent has
/// moved, the next call finds it. Keep it and share it: it is thread-safe.
/// </summary>
/// <remarks>
/// A call that was certainly not served, as the agent was being stopped or had lost its name, is made once more, to whoever has the name by then. What may have been served is not repeated:
/// <see cref="NetworkException.WasSent"/> says so, and the caller decides. While an answer is waited for, the fleet is asked whether the agent still has its name; one that was lost is not
/// waited for (<c>rpc.disconnected</c>).
/// </remarks>
public sealed class RemoteAgent : IAsyncDisposable
{
    private const string Reflection = "Reads and writes JSON by reflection; with trimming or native AOT, use the overload that takes JsonTypeInfo.";

    private readonly FleetClient _fleet;
    private readonly IAgentGrain _grain;
    private readonly RpcConnectOptions _options;
    private readonly AgentSite _site;
    private readonly SemaphoreSlim _reaching = new(1);
    private AgentRoute? _route;

    internal RemoteAgent(string name, FleetClient fleet, IAgentGrain grain, RpcConnectOptions options, AgentSite site)
    {
        Name = name;
        (_fleet, _grain, _options, _site) = (fleet, grain, options, site);
    }

    /// <summary>The agent's name.</summary>
    public string Name { get; }

    /// <summary>Calls a method of it.</summary>
    /// <typeparam name="TParameters">What it takes: an object gives them by name, a list by position, anything else is the only one.</typeparam>
    /// <typeparam name="TResult">What it gives.</typeparam>
    /// <param name="method">Its name.</param>
    /// <param name="parameters">What it takes.</param>
    /// <param name="parametersType">How to write that.</param>
    /// <param name="resultType">How to read the result.</param>
    /// <param name="options">What this call has in another way; its deadline holds for finding and reaching the agent as well. Null for nothing.</param>
    /// <param name="cancellationToken">Gives up, and tells the agent.</param>
    /// <exception cref="NetworkException">
    /// No agent has the name (<c>fleet.no_agent</c>), it could not be reached, or no machine answered: nothing was sent. Or as for <see cref="RpcConnection"/>: it answered with an error
    /// (<see cref="RpcException"/>), was lost before it answered, or the time was over.
    /// </exception>
    public async Task<TResult?> CallAsync<TParameters, TResult>(
        string method, TParameters parameters, JsonTypeInfo<TParameters> parametersType, JsonTypeInfo<TResult> resultType, RpcCallOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(method);
        options ??= RpcCallOptions.Default;
        for (var isAgain = false; ; isAgain = true)
        {
            var route = await ReachAsync(method, options, cancellationToken).ConfigureAwait(false);
            using var wait = route.Enter();
            try
            {
                return await route.Connection.CallAsync(method, parameters, parametersType, resultType, options, cancellationToken).ConfigureAwait(false);
            }
            catch (NetworkException error) when (!isAgain && IsUnserved(error))
            {
                Leave(route);
            }
        }
    }

    /// <summary>The same by reflection, with the web's names (camelCase).</summary>
    /// <typeparam name="TResult">What it gives.</typeparam>
    /// <param name="method">Its name.</param>
    /// <param name="parameters">What it takes, such as <c>new { a = 1, b = 2 }</c>; null for nothing.</param>
    /// <param name="options">What this call has in another way; null for nothing.</param>
    /// <param name="cancellationToken">Gives up, and tells the agent.</param>
    /// <exception cref="NetworkException">As for the other overload.</exception>
    [RequiresUnreferencedCode(Reflection)]
    [RequiresDynamicCode(Reflection)]
    public Task<TResult?> CallAsync<TResult>(string method, object? parameters = null, RpcCallOptions? options = null, CancellationToken cancellationToken = default) =>
        CallAsync(method, parameters, (JsonTypeInfo<object?>)JsonSerializerOptions.Web.GetTypeInfo(typeof(object)), (JsonTypeInfo<TResult>)JsonSerializerOptions.Web.GetTypeInfo(typeof(TResult)),
            options, cancellationToken);

    /// <summary>Sends a notification: nobody answers it, and whether it was taken is not known.</summary>
    /// <typeparam name="TParameters">What it carries.</typeparam>
    /// <param name="method">Its name.</param>
    /// <param name="parameters">What it carries.</param>
    /// <param name="parametersType">How to write that.</param>
    /// <param name="options">Its deadline is that for finding and reaching the agent; null for <see cref="RpcOptions.CallTimeout"/>.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="NetworkException">It could not be sent.</exception>
    public async Task NotifyAsync<TParameters>(
        string method, TParameters parameters, JsonTypeInfo<TParameters> parametersType, RpcCallOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(method);
        var route = await ReachAsync(method, options ?? RpcCallOptions.Default, cancellationToken).ConfigureAwait(false);
        await route.Connection.NotifyAsync(method, parameters, parametersType, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Calls a method that answers with a stream, and gives its items as they come. The agent sends no more than <see cref="RpcOptions.StreamWindow"/> ahead of whoever reads here;
    /// leaving the loop tells it to stop.
    /// </summary>
    /// <typeparam name="TParameters">What it takes.</typeparam>
    /// <typeparam name="TItem">What it gives, piece by piece.</typeparam>
    /// <param name="method">Its name.</param>
    /// <param name="parameters">What it takes.</param>
    /// <param name="parametersType">How to write that.</param>
    /// <param name="itemType">How to read an item.</param>
    /// <param name="options">What this call has in another way; null for nothing.</param>
    /// <param name="cancellationToken">Gives up, and tells the agent.</param>
    /// <returns>The items; the call is made when they are first asked for. A stream that ends without its end, or with items missing, ends with an error.</returns>
    /// <exception cref="NetworkException">As for <see cref="CallAsync{TParameters, TResult}"/>.</exception>
    public async IAsyncEnumerable<TItem?> StreamAsync<TParameters, TItem>(
        string method, TParameters parameters, JsonTypeInfo<TParameters> parametersType, JsonTypeInfo<TItem> itemType, RpcCallOptions? options = null,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(method);
        options ??= RpcCallOptions.Default;
        for (var isAgain = false; ; isAgain = true)
        {
            var route = await ReachAsync(method, options, cancellationToken).ConfigureAwait(false);
            using var wait = route.Enter();
            var items = route.Connection.StreamAsync(method, parameters, parametersType, itemType, options, cancellationToken).GetAsyncEnumerator(CancellationToken.None);
            await using var ending = items.ConfigureAwait(false);
            bool isThere;
            try
            {
                isThere = await items.MoveNextAsync().ConfigureAwait(false);
            }
            catch (NetworkException error) when (!isAgain && IsUnserved(error))
            {
                Leave(route);
                continue;
            }
            for (; isThere; isThere = await items.MoveNextAsync().ConfigureAwait(false))
                yield return items.Current;
            yield break;
        }
    }

    /// <summary>Ends the connection; calls under way fail with <c>rpc.disconnected</c>.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _route, null) is { } route)
            await route.DisposeAsync().ConfigureAwait(false);
    }

    // It may have travelled, but certainly did nothing.
    private static bool IsUnserved(NetworkException error) => error is { WasSent: WasSent.Never, Code: ErrorCodes.RpcStopping or ErrorCodes.RpcDisconnected };

    private void Leave(AgentRoute route)
    {
        Interlocked.CompareExchange(ref _route, null, route);
        route.Leave();
    }

    private async ValueTask<AgentRoute> ReachAsync(string method, RpcCallOptions options, CancellationToken cancellationToken)
    {
        if (Volatile.Read(ref _route) is { IsUsable: true } known)
            return known;
        var limit = options.Deadline.IsFinite && (_options.Rpc.CallTimeout == Timeout.InfiniteTimeSpan || options.Deadline.Remaining < _options.Rpc.CallTimeout) ? options.Deadline.Remaining : _options.Rpc.CallTimeout;
        using var timer = new CancellationTokenSource(limit, _site.Clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, cancellationToken);
        try
        {
            await _reaching.WaitAsync(either.Token).ConfigureAwait(false);
            try
            {
                if (_route is { IsUsable: true } other)
                    return other;
                Interlocked.Exchange(ref _route, null)?.Leave();
                return _route = await ConnectAsync(either.Token).ConfigureAwait(false);
            }
            finally
            {
                _reaching.Release();
            }
        }
        catch (OperationCanceledException) when (timer.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw AgentFailure.Late(Name, method, limit);
        }
    }

    private async Task<AgentRoute> ConnectAsync(CancellationToken cancellationToken)
    {
        var found = await _fleet.CallAsync(_grain.FindAsync, cancellationToken).ConfigureAwait(false);
        if (found is not { IsHeld: true })
            throw AgentFailure.None(Name, found);
        if (!IPEndPoint.TryParse(found.Address, out var place) || place.Port == 0 || (_site.Certificates is null ? !IPAddress.IsLoopback(place.Address) : found.Pin.Length == 0))
            throw AgentFailure.Misplaced(Name, found);
        var transport = _site.Certificates is { } certificates ? _options.Transport with { Tls = certificates.Client(found.Pin) } : _options.Transport;
        try
        {
            var connection = await RpcConnection.ConnectAsync(AgentAddress.Write(place, _site), _options with { Transport = transport }, cancellationToken).ConfigureAwait(false);
            return new AgentRoute(connection, _grain, found.Number, _site);
        }
        catch (ArgumentException)
        {
            // The options were checked: what was told of the agent is none of an agent.
            throw AgentFailure.Misplaced(Name, found);
        }
    }
}
