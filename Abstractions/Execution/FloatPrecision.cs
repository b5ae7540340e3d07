namespace TransformFramework.Execution;

/// <summary>Numbers that products of floats take; sums are floats always.</summary>
public enum FloatPrecision
{
    /// <summary>32-bit floats.</summary>
    Single,

    /// <summary>Both factors rounded to bfloat16, 8 bits of precision, to even: half the memory and on processors with AVX-512 BF16 twice the speed. Elsewhere the same numbers are computed by 32-bit products, without a gain.</summary>
    BFloat16,
}
