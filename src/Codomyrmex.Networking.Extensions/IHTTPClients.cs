using Codomyrmex.Networking.Http;

namespace Codomyrmex.Networking.Extensions;

/// <summary>The named clients of a program. Each is made once, when it is first asked for, and lives as long as the container. Thread-safe.</summary>
public interface IHTTPClients
{
    /// <summary>The client of a name.</summary>
    /// <param name="name">The name that it was added under; empty for the default client.</param>
    /// <exception cref="ArgumentException">No client was added under this name.</exception>
    HTTPClient Get(string name);
}
