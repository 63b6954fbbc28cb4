using Mono.Cecil;

namespace Codomyrmex.Networking.Tests.Unit.Repository.Layers;

/// <summary>A type that a member names.</summary>
/// <param name="Member">The member, for the message.</param>
/// <param name="Type">The type named.</param>
internal readonly record struct Reference(string Member, TypeReference Type);
