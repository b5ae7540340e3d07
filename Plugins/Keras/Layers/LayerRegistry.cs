using System.Collections.Frozen;
using System.Reflection;

namespace TransformFramework.Keras.Layers;

/// <summary>The layers by Keras class.</summary>
internal static class LayerRegistry
{
    private static readonly FrozenDictionary<string, ConstructorInfo> Constructors = Collect();

    /// <summary>Every known class, in ordinal order.</summary>
    public static IEnumerable<string> Classes => Constructors.Keys.Order(StringComparer.Ordinal);

    /// <summary>True for a class that is known.</summary>
    public static bool Knows(string className) => Constructors.ContainsKey(className);

    /// <summary>The layer of a class.</summary>
    /// <exception cref="KerasException">The class is not known, or its configuration is wrong.</exception>
    public static Layer Create(LayerSource source)
    {
        if (source.ClassName is "Lambda")
            throw new KerasException(KerasDiagnostics.PythonLambda, $"Lambda layer \"{source.Configuration.Text("name", "")}\" holds Python code, which only Python can run", KerasDiagnostics.ExportAdvice);
        if (!Constructors.TryGetValue(source.ClassName, out ConstructorInfo? constructor))
            throw new KerasException(KerasDiagnostics.UnknownClass, $"{source.Configuration.Owner} is of an unknown class {source.ClassName}", KerasDiagnostics.ExportAdvice);
        try
        {
            return (Layer)constructor.Invoke(BindingFlags.DoNotWrapExceptions, binder: null, [source], culture: null);
        }
        catch (Exception error) when (Faults.Is(error))
        {
            throw KerasException.Configuration($"{source.Configuration.Owner}: its configuration cannot be read: {error.Message}");
        }
    }

    private static FrozenDictionary<string, ConstructorInfo> Collect()
    {
        var constructors = new Dictionary<string, ConstructorInfo>(StringComparer.Ordinal);
        foreach (Type type in typeof(LayerRegistry).Assembly.GetTypes())
        {
            if (type.GetCustomAttribute<KerasLayerAttribute>() is not { } attribute)
                continue;
            foreach (string name in attribute.Classes)
                constructors.Add(name, type.GetConstructor([typeof(LayerSource)])!);
        }
        return constructors.ToFrozenDictionary(StringComparer.Ordinal);
    }
}
