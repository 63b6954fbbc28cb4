namespace Codomyrmex.Networking;

/// <summary>What one peer has used of a <see cref="NetworkBudget"/>.</summary>
/// <param name="Endpoint">The peer; that of the 65th and all later ones is <c>others</c>.</param>
/// <param name="Requests">Requests sent to it.</param>
/// <param name="Connections">Connections opened to it.</param>
/// <param name="Bytes">Bytes received from it.</param>
public readonly record struct NetworkBudgetUsage(Endpoint Endpoint, long Requests, long Connections, long Bytes);
