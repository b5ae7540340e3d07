using TransformFramework.Graphs;
using TransformFramework.Keras.Layers;
using TransformFramework.Keras.Models;

namespace TransformFramework.Keras.Reading;

/// <summary>Gives layers their weights from a list of names <c>layer/…/kernel</c>, in which no layer's name occurs twice.</summary>
internal static class ManifestWeights
{
    /// <summary>Binds the weights.</summary>
    public static void Bind(ModelLayer model, IReadOnlyList<string> names, IReadOnlyDictionary<string, Tensor> weights)
    {
        foreach (Layer layer in model.Layers)
        {
            if (layer is ModelLayer inner)
                Bind(inner, names, weights);
            else
                BindLayer(layer, names, weights);
        }
    }

    private static void BindLayer(Layer layer, IReadOnlyList<string> names, IReadOnlyDictionary<string, Tensor> weights)
    {
        Variable[] variables = [.. LegacyWeights.Order(layer)];
        if (variables.Length == 0)
            return;
        string[] own = [.. names.Where(name => name.StartsWith(layer.Name + "/", StringComparison.Ordinal) || name.Contains("/" + layer.Name + "/", StringComparison.Ordinal))];
        if (own.Length != variables.Length)
            throw KerasException.Weight($"{layer.Configuration.Owner}: the file has {own.Length} weights for it, the configuration needs {variables.Length}");
        for (int i = 0; i < variables.Length; i++)
        {
            string[] matches = [.. own.Where(name => name.EndsWith("/" + variables[i].Name, StringComparison.Ordinal))];
            variables[i].Value = weights[matches.Length == 1 ? matches[0] : own[i]];
        }
    }
}
