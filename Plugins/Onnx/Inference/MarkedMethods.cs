using System.Collections.Frozen;
using System.Reflection;

namespace TransformFramework.Onnx.Inference;

/// <summary>Op converters register by attribute: the static methods of this assembly that bear one, as delegates.</summary>
internal static class MarkedMethods
{
    /// <summary>Every method with a mark, once a mark.</summary>
    public static IEnumerable<(MethodInfo Method, T Mark)> Of<T>()
        where T : Attribute =>
        from type in typeof(MarkedMethods).Assembly.GetTypes()
        where type is { IsAbstract: true, IsSealed: true }
        from method in type.GetMethods(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly)
        from mark in method.GetCustomAttributes<T>()
        select (method, mark);

    /// <summary>The methods with a mark by the keys that the mark gives.</summary>
    public static FrozenDictionary<TKey, TDelegate> ByKey<TMark, TKey, TDelegate>(Func<TMark, IEnumerable<TKey>> keys)
        where TMark : Attribute
        where TKey : notnull
        where TDelegate : Delegate =>
        Of<TMark>().SelectMany(marked => keys(marked.Mark).Select(key => (Key: key, Delegate: marked.Method.CreateDelegate<TDelegate>()))).ToFrozenDictionary(pair => pair.Key, pair => pair.Delegate);
}
