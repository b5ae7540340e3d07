using System.Globalization;
using System.Text.Json;
using TransformFramework.Graphs;
using TransformFramework.Keras.Configuration;
using TransformFramework.Keras.Layers;
using TransformFramework.Keras.Reading;
using TransformFramework.ModelFiles;
using TransformFramework.Cpu;
using TransformFramework.Execution;

namespace TransformFramework.Keras.Tests;

/// <summary>Models from a few lines of configuration, without a file.</summary>
internal static class ModelBuilder
{
    /// <summary>A model of Keras 3 that calls one operator.</summary>
    /// <param name="name">Its class.</param>
    /// <param name="configuration">Its constructor's arguments, the inside of an object.</param>
    /// <param name="arguments">Arguments of the call, <c>$a</c> and <c>$b</c> for the inputs.</param>
    /// <param name="shape">Shape of the inputs behind the batch axis, numbers with commas.</param>
    /// <param name="type">Type of the inputs.</param>
    public static string Operator(string name, string configuration, string arguments, string shape = "3", string type = "float32")
    {
        string call = arguments.Replace("$a", History("a", shape, type), StringComparison.Ordinal).Replace("$b", History("b", shape, type), StringComparison.Ordinal);
        string inputs = string.Join(", ", new[] { "a", "b" }.Select(input => $$"""{"module": "keras.layers", "class_name": "InputLayer", "config": {"batch_shape": [null, {{shape}}], "dtype": "{{type}}", "name": "{{input}}" }, "name": "{{input}}", "inbound_nodes": [] }"""));
        string separator = configuration.Length > 0 ? ", " : "";
        return $$"""
            {"module": "keras.src.models.functional", "class_name": "Functional", "config": {"name": "m", "layers": [{{inputs}},
              {"module": "keras.src.ops.numpy", "class_name": "{{name}}", "config": {"name": "op"{{separator}}{{configuration}} }, "name": "op", "inbound_nodes": [{"args": [{{call}}], "kwargs": {} }] }],
              "input_layers": [["a", 0, 0], ["b", 0, 0]], "output_layers": ["op", 0, 0] } }
            """;
    }

    /// <summary>A model of Keras 2 that calls one TensorFlow function.</summary>
    /// <param name="function">Its name.</param>
    /// <param name="keywords">Its keywords, the inside of an object; <c>$b</c> is the second input.</param>
    /// <param name="shape">Shape of the inputs behind the batch axis.</param>
    /// <param name="type">Type of the inputs.</param>
    public static string Function(string function, string keywords, string shape = "3", string type = "float32")
    {
        string inputs = string.Join(", ", new[] { "a", "b" }.Select(input => $$"""{"class_name": "InputLayer", "config": {"batch_input_shape": [null, {{shape}}], "dtype": "{{type}}", "name": "{{input}}" }, "name": "{{input}}", "inbound_nodes": [] }"""));
        return $$$"""
            {"class_name": "Functional", "config": {"name": "m", "layers": [{{{inputs}}},
              {"class_name": "TFOpLambda", "config": {"name": "op", "trainable": true, "dtype": "float32", "function": "{{{function}}}"}, "name": "op", "inbound_nodes": [["a", 0, 0, {{{{keywords.Replace("$b", "[\"b\", 0, 0]", StringComparison.Ordinal)}}}}]]}],
              "input_layers": [["a", 0, 0], ["b", 0, 0]], "output_layers": [["op", 0, 0]]}}
            """;
    }

    /// <summary>A Sequential of one layer.</summary>
    public static string Layer(string name, string configuration, string shape = "3", string type = "float32")
    {
        string separator = configuration.Length > 0 ? ", " : "";
        return $$"""{"class_name": "Sequential", "config": {"name": "m", "layers": [{"class_name": "InputLayer", "config": {"batch_input_shape": [null, {{shape}}], "dtype": "{{type}}", "name": "a" } }, {"class_name": "{{name}}", "config": {"name": "layer", "trainable": true{{separator}}{{configuration}} } }] } }""";
    }

    /// <summary>Reads a configuration; weights go to the layers in the order of files.</summary>
    public static ModelContent Read(string configuration, string version, params Tensor[] weights)
    {
        ModelTrace trace = ModelTrace.Of(JsonText.Parse(configuration, "the configuration"), version, CancellationToken.None);
        int next = 0;
        foreach (Variable variable in trace.Model.Layers.SelectMany(LegacyWeights.Order))
            variable.Value = weights[next++];
        return trace.Finish(ModelReadOptions.Default, "");
    }

    /// <summary>Runs a model on inputs in the order of its signature.</summary>
    public static IReadOnlyList<Tensor> Run(ModelContent content, params Tensor[] inputs)
    {
        ModelSignature signature = content.Signature!;
        IExecutable executable = new CpuBackend().Compile(content.Graph, [.. signature.Outputs.Select(output => output.Tensor)], CompileOptions.Default with { Threads = 1 });
        var feeds = signature.Inputs.Select((input, i) => (input.Tensor, Value: inputs[i])).ToDictionary(pair => pair.Tensor, pair => pair.Value, StringComparer.Ordinal);
        return executable.Run(feeds);
    }

    /// <summary>A float tensor from text: numbers with blanks.</summary>
    public static Tensor Floats(string shape, string values)
    {
        float[] elements = [.. values.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(text => float.Parse(text, CultureInfo.InvariantCulture))];
        return Tensor.Create<float>(DataType.Float, TensorShape.Of([.. shape.Split(',').Select(size => long.Parse(size, CultureInfo.InvariantCulture))]), elements);
    }

    private static string History(string input, string shape, string type) =>
        $$$"""{"class_name": "__keras_tensor__", "config": {"shape": [null, {{{shape}}}], "dtype": "{{{type}}}", "keras_history": ["{{{input}}}", 0, 0]}}""";
}
