namespace Codomyrmex.Networking.Http;

/// <summary>A link of a <c>Link</c> field (RFC 8288).</summary>
/// <param name="Target">Where it leads, absolute.</param>
/// <param name="Relation">Its relation type, for example <c>next</c>; lower case.</param>
/// <param name="Parameters">Its other parameters, by lower-case name.</param>
public sealed record WebLink(Uri Target, string Relation, IReadOnlyDictionary<string, string> Parameters);
