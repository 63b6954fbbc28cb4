using Codomyrmex.Networking.Scanning;

namespace Codomyrmex.Networking.Fleet.Internal.Planning;

/// <summary>A plan whose names have been looked up.</summary>
/// <param name="Text">As it was sent, and with the rate that is in force.</param>
/// <param name="Targets">The addresses.</param>
/// <param name="Ports">The ports.</param>
/// <param name="Names">Addresses that the plan calls by a name.</param>
internal sealed record ResolvedPlan(PlanText Text, ScanTargets Targets, PortSet Ports, Dictionary<string, string> Names);
