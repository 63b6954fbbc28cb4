namespace Codomyrmex.Networking;

/// <summary>Machine-readable error details of an HTTP answer, <c>application/problem+json</c> (RFC 9457, section 3.1).</summary>
/// <param name="Type">A URI reference that names the kind of problem; <c>about:blank</c> by default.</param>
/// <param name="Title">A short summary of the kind of problem.</param>
/// <param name="Detail">What happened this time.</param>
/// <param name="Instance">A URI reference that names this occurrence.</param>
public sealed record ProblemDetails(string Type, string? Title, string? Detail, string? Instance);
