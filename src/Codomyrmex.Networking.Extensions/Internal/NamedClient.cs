using Codomyrmex.Networking.Http;

namespace Codomyrmex.Networking.Extensions.Internal;

/// <summary>One change to the options of a named client.</summary>
internal sealed record NamedClient(string Name, Func<IServiceProvider, HTTPClientOptions, HTTPClientOptions> Configure);
