using System.Text.Json;

namespace Codomyrmex.Networking.Fleet;

/// <content>Agents.</content>
public static partial class FleetJson
{
    /// <summary>Writes a member of agents: <c>"agents":[{"name":"…","up":true,"machine":"…","address":"…","number":…,"since":"…","renewedAt":"…"}]</c>.</summary>
    /// <param name="writer">Where to; within an object.</param>
    /// <param name="agents">The agents.</param>
    public static void WriteMembers(Utf8JsonWriter writer, IReadOnlyList<AgentStatus> agents)
    {
        ArgumentNullException.ThrowIfNull(writer);
        ArgumentNullException.ThrowIfNull(agents);
        writer.WriteStartArray("agents");
        foreach (var agent in agents)
        {
            writer.WriteStartObject();
            writer.WriteString("name", agent.Name);
            writer.WriteBoolean("up", agent.IsUp);
            writer.WriteString("machine", agent.Machine);
            writer.WriteString("address", agent.Address);
            writer.WriteNumber("number", agent.Number);
            writer.WriteString("since", Moment(agent.Since));
            writer.WriteString("renewedAt", Moment(agent.RenewedAt));
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
    }
}
