using TransformFramework.Graphs;
using TransformFramework.Keras.Layers;
using TransformFramework.Keras.Models;

namespace TransformFramework.Keras.Reading;

/// <summary>
/// Gives layers their weights from lists: one list for each layer of the outermost model, trainable weights first, then the others, through all layers inside.
/// The order decides which weight is which, not the name.
/// </summary>
internal static class LegacyWeights
{
    /// <summary>Binds the weights.</summary>
    /// <param name="model">The model.</param>
    /// <param name="names">Names of the weights of a layer; null when the file has nothing for it.</param>
    /// <param name="read">A weight by layer and name.</param>
    public static void Bind(ModelLayer model, Func<Layer, IReadOnlyList<string>?> names, Func<Layer, string, Tensor> read)
    {
        foreach (Layer layer in model.Layers)
        {
            Variable[] variables = [.. Order(layer)];
            if (variables.Length == 0)
                continue;
            IReadOnlyList<string> listed = names(layer) ?? throw KerasException.Weight($"{layer.Configuration.Owner}: the file has no weights for it");
            if (listed.Count != variables.Length)
                throw KerasException.Weight($"{layer.Configuration.Owner}: the file has {listed.Count} weights for it, the configuration needs {variables.Length}");
            for (int i = 0; i < variables.Length; i++)
                variables[i].Value = read(layer, listed[i]);
        }
    }

    /// <summary>The weights of a layer in the order of files.</summary>
    public static IEnumerable<Variable> Order(Layer layer) => Trainable(layer).Concat(NotTrainable(layer));

    private static IEnumerable<Variable> Trainable(Layer layer) =>
        layer.IsTrainable ? layer.Variables.Where(variable => variable.IsTrainable).Concat(layer.Children.SelectMany(child => Trainable(child.Layer))) : [];

    private static IEnumerable<Variable> NotTrainable(Layer layer) => layer.IsTrainable
        ? layer.Variables.Where(variable => !variable.IsTrainable).Concat(layer.Children.SelectMany(child => NotTrainable(child.Layer)))
        : layer.Variables.OrderBy(variable => !variable.IsTrainable).Concat(layer.Children.SelectMany(child => Order(child.Layer)));
}
