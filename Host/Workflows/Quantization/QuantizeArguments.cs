using System.Collections.Immutable;
using TransformFramework.Dsl.Syntax;
using TransformFramework.Engine.Pipeline;

namespace TransformFramework.Workflows.Quantization;

/// <summary>Arguments of a call of the transform quantize.</summary>
public sealed class QuantizeArguments
{
    private readonly ImmutableArray<Argument> arguments;

    private QuantizeArguments(ImmutableArray<Argument> arguments) => this.arguments = arguments;

    /// <summary>The arguments as users write them, separated by commas.</summary>
    public string ArgumentList => Text.TrimStart(',', ' ');

    /// <summary>The arguments, each with a comma before it.</summary>
    public string Text => string.Concat(arguments.Select(argument => $", {argument.Name}={ScriptFormatter.FormatValue(argument.Value)}"));

    /// <summary>Whether weights are rounded for the data that the samples show.</summary>
    public bool IsGptq => Find("rounding") is "gptq";

    /// <summary>Whether weights alone have 8 bits.</summary>
    public bool IsWeightsOnly => Find("weights_only") is "true";

    /// <summary>Whether data are quantized by ranges that each run finds.</summary>
    public bool IsDynamic => Find("dynamic") is "true";

    /// <summary>Whether the way in which ranges are chosen makes a difference.</summary>
    public bool NeedsRanges => !IsWeightsOnly && !IsDynamic;

    /// <summary>Reads arguments as users write them, separated by commas.</summary>
    /// <exception cref="ScriptException">The text is none of a script.</exception>
    public static QuantizeArguments Parse(string text) => new([.. new ScriptText($"quantize({text})", "--arguments").Parse(out _).Calls.SelectMany(call => call.Arguments)]);

    /// <summary>The value of an argument, or null.</summary>
    public string? Find(string name) => arguments.FirstOrDefault(argument => argument.Name == name)?.Value;

    /// <summary>The arguments, and unrounded residual additions where they leave that open and the target can hold them.</summary>
    public QuantizeArguments WithDefaults() => Find("residual") is not null || Find("target") == "tflite" || Find("weights_only") is not null ? this : With("residual", "unrounded");

    /// <summary>The arguments with another one.</summary>
    public QuantizeArguments With(string name, string value) => new(arguments.Add(new Argument(name, value)));

    /// <summary>The arguments but those of a name.</summary>
    public QuantizeArguments Without(string name) => new(arguments.RemoveAll(argument => argument.Name == name));
}
