using System.Collections.Concurrent;
using Codomyrmex.Networking.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Codomyrmex.Networking.Extensions.Internal;

/// <summary>Makes each named client when it is first asked for.</summary>
internal sealed class HTTPClients(IServiceProvider provider, IEnumerable<NamedClient> added) : IHTTPClients, IDisposable
{
    private readonly ILookup<string, NamedClient> _added = added.ToLookup(client => client.Name, StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, Lazy<HTTPClient>> _made = new(StringComparer.Ordinal);

    public HTTPClient Get(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return _made.GetOrAdd(name, key => new Lazy<HTTPClient>(() => Make(key))).Value;
    }

    public void Dispose()
    {
        foreach (var client in _made.Values.Where(client => client.IsValueCreated))
            client.Value.Dispose();
    }

    private HTTPClient Make(string name)
    {
        if (!_added.Contains(name))
            throw new ArgumentException($"No client was added under the name '{name}'; there are: {string.Join(", ", _added.Select(client => $"'{client.Key}'"))}.", nameof(name));
        var options = HTTPClientOptions.Default with
        {
            Logger = provider.GetService<ILoggerFactory>()?.CreateLogger(name.Length == 0 ? typeof(HTTPClient).FullName! : $"{typeof(HTTPClient).FullName}.{name}"),
            Clock = provider.GetService<TimeProvider>() ?? TimeProvider.System,
        };
        return new HTTPClient(_added[name].Aggregate(options, (before, client) => client.Configure(provider, before)));
    }
}
