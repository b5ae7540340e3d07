using TransformFramework.TfLite.Reading;

namespace TransformFramework.TfLite.Operators;

/// <summary>Declares which operators a converter reads.</summary>
[AttributeUsage(AttributeTargets.Class, AllowMultiple = true)]
internal sealed class OperatorConverterAttribute(params string[] operators) : Attribute
{
    /// <summary>Names such as <c>CONV_2D</c>; of custom operators <c>CUSTOM:</c> and the code.</summary>
    public string[] Operators { get; } = operators;
}

/// <summary>Translates the operators of one family. Stateless.</summary>
internal abstract class OperatorConverter
{
    /// <summary>Adds the nodes of an operator and defines its outputs.</summary>
    /// <exception cref="ModelFiles.ModelFormatException">The operator has no counterpart.</exception>
    public abstract void Read(OperatorReader op);
}
