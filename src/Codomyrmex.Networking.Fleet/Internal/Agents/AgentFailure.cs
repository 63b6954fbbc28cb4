namespace Codomyrmex.Networking.Fleet.Internal.Agents;

/// <summary>What went wrong between an agent and its name, in our words.</summary>
internal static class AgentFailure
{
    /// <summary>Nobody has the name.</summary>
    public static NetworkException None(string name, AgentReport? last) => new NetworkFailure
    {
        Code = ErrorCodes.FleetNoAgent,
        Message = last is null ? $"No agent is called '{name}'." : $"The agent '{name}' of machine '{Printable.Text(last.Machine, 60)}' was lost, and no other has its name yet.",
        Phase = NetworkPhase.Resolve,
        WasSent = WasSent.Never,
    }.ToException();

    /// <summary>The agent is at a place where this program may not speak to it.</summary>
    public static NetworkException Misplaced(string name, AgentReport at) => new NetworkFailure
    {
        Code = ErrorCodes.FleetNoAgent,
        Message = $"The agent '{name}' is said to be at '{Printable.Text(at.Address, 60)}', which cannot be trusted.",
        Hint = "Without certificates, agents are on this machine alone; with them, each says which key it has.",
        Phase = NetworkPhase.Resolve,
        IsTransient = false,
        WasSent = WasSent.Never,
    }.ToException();

    /// <summary>The name did not become free in time.</summary>
    public static NetworkException Taken(string name, string heldBy) => heldBy.Length == 0
        ? new NetworkFailure { Code = ErrorCodes.FleetUnreachable, Message = $"No machine of the fleet answered when the agent '{name}' asked for its name.", Phase = NetworkPhase.Connect }.ToException()
        : new NetworkFailure { Code = ErrorCodes.FleetAgentTaken, Message = $"An agent of machine '{Printable.Text(heldBy, 60)}' is called '{name}' and goes on to be.", Phase = NetworkPhase.Prepare }.ToException();

    /// <summary>The time of a call was over before its agent was reached.</summary>
    public static NetworkException Late(string name, string method, TimeSpan limit) => new NetworkFailure
    {
        Code = ErrorCodes.TimeoutTotal,
        Message = $"The agent '{name}' was not reached in time to call '{method}'.",
        Phase = NetworkPhase.Connect,
        Elapsed = limit,
        WasSent = WasSent.Never,
    }.ToException();
}
