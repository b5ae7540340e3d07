using TransformFramework.Engine.Models;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.Arrays;
using TransformFramework.Toolkit.GraphDefs;
using TransformFramework.Workflows.Data;

namespace TransformFramework.Fuzz.Processes;

/// <summary>Random samples for the inputs of a frozen graph; sides of images that it leaves open have 128 pixels.</summary>
internal static class ModelSamples
{
    private const int Count = 4;
    private const int Side = 128;

    /// <summary>Writes the samples as an .npz file, an array an input; false when an input has a type without random elements.</summary>
    public static bool TryWrite(string model, string path)
    {
        Graph graph = GraphDefReader.Read(File.ReadAllBytes(model));
        var arrays = new List<KeyValuePair<string, Tensor>>();
        try
        {
            foreach (var input in new ModelEndpoints(graph, signature: null).Inputs)
            {
                Node node = graph.Find(input.Node)!;
                arrays.Add(new(input.Name, RandomTensors.Create(GraphInputs.TypeOf(node), Known(GraphInputs.ShapeOf(node)), seed: 1)));
            }
        }
        catch (FeedException)
        {
            return false;
        }
        using FileStream file = File.Create(path);
        NpzFile.Write(file, arrays);
        return true;
    }

    /// <summary>Names of the outputs of a frozen graph, separated by commas.</summary>
    public static string Outputs(string model) => string.Join(',', new ModelEndpoints(GraphDefReader.Read(File.ReadAllBytes(model)), signature: null).Outputs.Select(output => output.Name));

    /// <summary>A first dimension that is open counts the samples.</summary>
    private static TensorShape Known(TensorShape shape) =>
        TensorShape.Of([.. shape.Dimensions.Select((dimension, i) => dimension >= 0 ? dimension : i == 0 ? Count : shape.Rank == 4 ? Side : 1)]);
}
