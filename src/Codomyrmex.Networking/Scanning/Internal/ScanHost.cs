using System.Net;

namespace Codomyrmex.Networking.Scanning.Internal;

/// <summary>A host to scan.</summary>
/// <param name="Index">Its number in the plan.</param>
/// <param name="Host">As the caller wrote it.</param>
/// <param name="Address">One address of it.</param>
internal readonly record struct ScanHost(long Index, string Host, IPAddress Address);
