using System.Globalization;
using System.Text;
using TransformFramework.Graphs;
using TransformFramework.Keras.Building;
using TransformFramework.Keras.Layers;
using TransformFramework.Keras.Models;

namespace TransformFramework.Keras.Reading;

/// <summary>
/// Gives layers their weights from the groups of <c>model.weights.h5</c>: <c>layers/conv2d_1/vars/0</c>. A group is named by the snake-cased class with a counter, in the order of the configuration;
/// inside a layer by the Python attribute.
/// </summary>
internal sealed class PathWeights(H5Archive archive, Action<Layer, string> assets)
{
    private const string Legacy = "_layer_checkpoint_dependencies";

    /// <summary>Binds the weights of a model whose group is the root.</summary>
    public void Bind(ModelLayer model) => Bind(model, "");

    private void Bind(Layer layer, string path)
    {
        for (int i = 0; i < layer.Variables.Count; i++)
        {
            string variable = Join(path, "vars/" + i.ToString(CultureInfo.InvariantCulture));
            if (!archive.Exists(variable))
                throw KerasException.Weight($"{layer.Configuration.Owner}: its {layer.Variables[i].Name} ({variable}) is not in model.weights.h5");
            layer.Variables[i].Value = archive.Read(variable);
        }
        assets(layer, path);
        if (layer is IVocabularyLayer vocabulary && Join(path, vocabulary.LookupPath + "vars/idf_weights") is var factors && archive.Exists(factors))
            vocabulary.SetFactors([.. Tensors.Doubles(archive.Read(factors))]);
        if (layer is ModelLayer)
        {
            string container = archive.Exists(Join(path, Legacy)) ? Legacy : "layers";
            BindList(layer.Children, Join(path, container), container == Legacy);
            return;
        }
        foreach (var group in layer.Children.GroupBy(child => child.Attribute, StringComparer.Ordinal))
        {
            LayerChild[] children = [.. group];
            if (layer is StackedCells or PipelineLayer)
                BindList(children, Join(path, group.Key), isLegacy: false);
            else
                Bind(children[0].Layer, Join(path, group.Key));
        }
    }

    /// <summary>Layers of a list. TensorFlow 2.12 meets those with weights under two keys, so that their counter goes up by two.</summary>
    private void BindList(IEnumerable<LayerChild> children, string path, bool isLegacy)
    {
        var counters = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (LayerChild child in children)
        {
            string name = SnakeCase(child.Layer.PythonClass);
            int count = counters.GetValueOrDefault(name);
            bool hasWeights = LegacyWeights.Order(child.Layer).Any();
            counters[name] = count + (isLegacy && hasWeights ? 2 : 1);
            Bind(child.Layer, Join(path, count == 0 ? name : string.Create(CultureInfo.InvariantCulture, $"{name}_{count}")));
        }
    }

    /// <summary>The class in Keras' snake case: a new word before a capital that follows a small letter or comes before one.</summary>
    private static string SnakeCase(string name)
    {
        var words = new StringBuilder(name.Length + 8);
        for (int i = 0; i < name.Length; i++)
        {
            bool startsWord = i > 0 && char.IsAsciiLetterUpper(name[i]) && (char.IsAsciiLetterLower(name[i - 1]) || (i + 1 < name.Length && char.IsAsciiLetterLower(name[i + 1])));
            words.Append(startsWord ? "_" : "").Append(char.ToLowerInvariant(name[i]));
        }
        return words.ToString();
    }

    private static string Join(string path, string name) => path.Length == 0 ? name : path + "/" + name;
}
