namespace TransformFramework.Dsl.Binding;

/// <summary>One argument of a transform, as <c>describe</c> shows it.</summary>
/// <param name="Name">The name in scripts.</param>
/// <param name="TypeText">What a value is: <c>string</c>, <c>bool</c>, <c>int</c>, <c>float</c>, <c>type</c>, <c>shape</c> or the values of an enum.</param>
/// <param name="DefaultText">The value when the argument is absent; null when there is none.</param>
/// <param name="IsRequired">True when the argument must be given.</param>
/// <param name="IsRepeatable">True when the argument may be given several times.</param>
/// <param name="Description">One sentence.</param>
public sealed record OptionDescription(string Name, string TypeText, string? DefaultText, bool IsRequired, bool IsRepeatable, string Description);
