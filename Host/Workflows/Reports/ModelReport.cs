using TransformFramework.Engine.Models;
using TransformFramework.Graphs;
using TransformFramework.ModelFiles;
using TransformFramework.Workflows.Inspection;

namespace TransformFramework.Workflows.Reports;

/// <summary>What a look at a model shows, as an object that serializes to JSON.</summary>
public static class ModelReport
{
    /// <summary>Format, producer, tags, signatures, and the summary of the graph.</summary>
    public static object Of(LoadedModel model, GraphSummary summary) => new
    {
        schema_version = 1,
        format = model.Format,
        producer = model.Content.Producer,
        tags = model.Content.Tags,
        bytes = model.FileBytes,
        signature = model.Content.ChosenSignature,
        signatures = model.Content.Signatures.Select(signature => new
        {
            name = signature.Name,
            method = signature.Method,
            inputs = signature.Inputs.Select(Describe),
            outputs = signature.Outputs.Select(Describe),
        }),
        inputs = summary.Inputs.Select(node => new { name = node.Name, type = (node.TypeAttribute("dtype") ?? DataType.Invalid).Name(), shape = Dimensions(node) }),
        variables = summary.Variables.Select(node => node.Name),
        outputs = summary.Outputs.Select(node => new { name = node.Name, op = node.Op }),
        const_parameters = summary.ConstParameters,
        variable_parameters = summary.VariableParameters,
        control_edges = summary.ControlEdges,
        devices = summary.Devices.Select(entry => new { device = entry.Device, nodes = entry.Count }),
        ops = summary.Ops.Select(entry => new { op = entry.Op, count = entry.Count }),
        invalid_inputs = summary.InvalidInputs,
        requires = new { tensorflow = summary.Requires.Release?.Version, because = summary.Requires.Reasons },
    };

    private static object Describe(SignatureTensor tensor) => new { name = tensor.Name, tensor = tensor.Tensor, type = tensor.Type.Name(), shape = Dimensions(tensor.Shape) };

    private static IEnumerable<long>? Dimensions(Node node) => node.Attributes.TryGetValue("shape", out var value) && value is ShapeValue shape ? Dimensions(shape.Value) : null;

    /// <summary>Dimensions, -1 for an unknown one; null for an unknown rank.</summary>
    private static IEnumerable<long>? Dimensions(TensorShape shape) => shape.IsUnknownRank ? null : shape.Dimensions;
}
