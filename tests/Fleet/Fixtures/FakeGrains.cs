using System.Reflection;
using Orleans;

namespace Codomyrmex.Networking.Tests.Fleet.Fixtures;

/// <summary>Grains that a test plays itself: each call of one is answered by a method of the test.</summary>
internal static class FakeGrains
{
    /// <summary>A factory that gives out grains by their interface.</summary>
    public static IGrainFactory Of(params object[] grains)
    {
        var factory = DispatchProxy.Create<IGrainFactory, Proxy>();
        ((Proxy)factory).Answer = (method, _) => grains.First(method.ReturnType.IsInstanceOfType);
        return factory;
    }

    /// <summary>A grain whose calls are answered by their name and what they are told.</summary>
    public static T Make<T>(Func<string, object?, object> answer) where T : class
    {
        var grain = DispatchProxy.Create<T, Proxy>();
        ((Proxy)(object)grain).Answer = (method, arguments) => answer(method.Name, arguments.FirstOrDefault());
        return grain;
    }

    public class Proxy : DispatchProxy
    {
        internal Func<MethodInfo, object?[], object> Answer { get; set; } = null!;

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => Answer(targetMethod!, args ?? []);
    }
}
