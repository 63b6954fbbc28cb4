using Codomyrmex.Networking.Fleet.Internal;
using Codomyrmex.Networking.Fleet.Internal.Agents;
using Microsoft.Extensions.Time.Testing;

namespace Codomyrmex.Networking.Tests.Fleet;

/// <summary>Who has a name, by fake time: the decisions of a name's grain, also of two that know nothing of each other.</summary>
public sealed class NameTenureTests
{
    private static readonly FleetTiming Timing = FleetTiming.Default;

    private readonly FakeTimeProvider _clock = new();

    [Fact]
    public void Who_renews_keeps_the_name_under_its_number_and_others_wait()
    {
        var tenure = new NameTenure(new AgentDocument(), Timing, _clock);
        Assert.Equal(1, Claim(tenure, "a"));
        for (var i = 0; i < 10; i++)
        {
            _clock.Advance(Timing.NameLease);
            Assert.Equal(0, Claim(tenure, "b"));
            Assert.Equal(1, Claim(tenure, "a"));
        }
    }

    [Fact]
    public void Name_that_is_not_renewed_goes_to_another_after_lease_and_margin_under_a_higher_number()
    {
        var tenure = new NameTenure(new AgentDocument(), Timing, _clock);
        Assert.Equal(1, Claim(tenure, "a"));
        _clock.Advance(Timing.NameLease + Timing.Margin - TimeSpan.FromMilliseconds(1));
        Assert.Equal(0, Claim(tenure, "b"));
        _clock.Advance(TimeSpan.FromMilliseconds(1));
        Assert.False(tenure.IsHeld);
        Assert.Equal(2, Claim(tenure, "b"));
        Assert.Equal(0, Claim(tenure, "a"));
    }

    [Fact]
    public void Name_that_was_given_back_is_free_at_once_and_its_number_goes_on_growing()
    {
        var tenure = new NameTenure(new AgentDocument(), Timing, _clock);
        Assert.Equal(1, Claim(tenure, "a"));
        tenure.Take(tenure.Written with { Holder = "" });
        Assert.False(tenure.IsHeld);
        Assert.Equal(2, Claim(tenure, "b"));
    }

    [Fact]
    public void New_activation_waits_as_long_as_the_agent_can_believe_in_its_lease()
    {
        var tenure = new NameTenure(new AgentDocument { Number = 7, Holder = "a" }, Timing, _clock);
        Assert.True(tenure.IsHeld);
        Assert.Equal(0, Claim(tenure, "b"));
        Assert.Equal(7, Claim(tenure, "a"));
        _clock.Advance(Timing.NameLease + Timing.Margin);
        Assert.Equal(8, Claim(tenure, "b"));
    }

    [Fact]
    public void Agent_whose_lease_was_over_has_its_name_again_under_the_same_number_if_nobody_took_it()
    {
        var tenure = new NameTenure(new AgentDocument(), Timing, _clock);
        Assert.Equal(1, Claim(tenure, "a"));
        _clock.Advance(TimeSpan.FromMinutes(1));
        Assert.False(tenure.IsHeld);
        Assert.Equal(1, Claim(tenure, "a"));
        Assert.True(tenure.IsHeld);
    }

    [Fact]
    public void No_two_agents_have_a_name_at_once_whatever_is_lost_late_or_there_twice()
    {
        for (var seed = 0; seed < 300; seed++)
            Simulate(new Random(seed));
    }

    // Three agents and two activations over one store, whose writes succeed where the version is the one that was read. Questions and answers take their time and get lost; activations end and
    // begin anew at any time.
    private void Simulate(Random random)
    {
        var (version, stored) = (0, new AgentDocument());
        var activations = new (NameTenure Tenure, int Version)[2];
        for (var i = 0; i < activations.Length; i++)
            activations[i] = (new NameTenure(stored, Timing, _clock), version);
        var agents = new (long Number, long Until)[3];
        var questions = new List<(int Agent, long Asked)>();
        var answers = new List<(int Agent, long Number, long Asked)>();
        var highest = (Number: 0L, Agent: -1);
        for (var step = 0; step < 400; step++)
        {
            _clock.Advance(TimeSpan.FromSeconds(random.NextDouble() * 2));
            var now = _clock.GetTimestamp();
            for (var agent = 0; agent < agents.Length; agent++)
            {
                if (random.Next(3) == 0)
                    questions.Add((agent, now));
            }
            if (random.Next(20) == 0)
                activations[random.Next(2)] = (new NameTenure(stored, Timing, _clock), version);
            for (var i = random.Next(questions.Count + 1); i < questions.Count; i++)
            {
                var (agent, asked) = questions[i];
                ref var activation = ref activations[random.Next(2)];
                if (activation.Tenure.Decide(Ask($"{agent}")) is { } next)
                {
                    if (activation.Version != version)
                    {
                        activation = (new NameTenure(stored, Timing, _clock), version);
                        continue;
                    }
                    stored = next;
                    activation.Version = ++version;
                    // Written, but the activation does not hear of it: it would be told so with the next one.
                    if (random.Next(10) == 0)
                        activation.Version = -1;
                    else
                        activation.Tenure.Take(next);
                    if (random.Next(4) != 0 && activation.Version >= 0)
                        answers.Add((agent, next.Number, asked));
                }
                questions.RemoveAt(i--);
            }
            for (var i = random.Next(answers.Count + 1); i < answers.Count;)
            {
                var (agent, number, asked) = answers[i];
                answers.RemoveAt(i);
                // An agent asks one thing at a time; a later answer does not shorten what an earlier one gave.
                if (asked + Ticks(Timing.NameLease) > agents[agent].Until)
                    agents[agent] = (number, asked + Ticks(Timing.NameLease));
            }
            Assert.InRange(agents.Count(agent => now < agent.Until), 0, 1);
            // What its writer is fenced by grows with each holder.
            if (Array.FindIndex(agents, agent => now < agent.Until) is >= 0 and var holder)
            {
                Assert.True(agents[holder].Number > highest.Number || agents[holder].Number == highest.Number && holder == highest.Agent);
                highest = (agents[holder].Number, holder);
            }
        }
    }

    private long Ticks(TimeSpan time) => (long)(time.TotalSeconds * _clock.TimestampFrequency);

    private static long Claim(NameTenure tenure, string holder)
    {
        if (tenure.Decide(Ask(holder)) is not { } next)
            return 0;
        tenure.Take(next);
        return next.Number;
    }

    private static AgentClaim Ask(string holder) => new() { Holder = holder, Machine = "m", Address = "127.0.0.1:1", Pin = "" };
}
