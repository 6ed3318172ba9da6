using System;

namespace nanoFramework.TestFramework
{
    /// <summary>Desktop stand-in for nanoFramework's attribute of this name.</summary>
    [AttributeUsage(AttributeTargets.Class)]
    public sealed class TestClassAttribute : Attribute
    {
    }

    /// <summary>Desktop stand-in for nanoFramework's attribute of this name.</summary>
    [AttributeUsage(AttributeTargets.Method)]
    public sealed class TestMethodAttribute : Attribute
    {
    }

    /// <summary>Desktop stand-in for the assertions that the device's tests use.</summary>
    public static class Assert
    {
        public static void AreEqual(int expected, int actual, string message = "")
        {
            if (expected != actual)
                throw new InvalidOperationException("Expected " + expected + ", actual " + actual + ". " + message);
        }

        public static void AreEqual(string expected, string actual, string message = "")
        {
            if (expected != actual)
                throw new InvalidOperationException("Expected " + expected + ", actual " + actual + ". " + message);
        }

        public static void IsTrue(bool condition, string message = "")
        {
            if (!condition)
                throw new InvalidOperationException("Expected true. " + message);
        }

        public static void IsNull(object value, string message = "")
        {
            if (value != null)
                throw new InvalidOperationException("Expected null. " + message);
        }

        public static void ThrowsException(Type exceptionType, Action action, string message = "")
        {
            try
            {
                action();
            }
            catch (Exception e) when (e.GetType() == exceptionType)
            {
                return;
            }
            throw new InvalidOperationException("Expected " + exceptionType.Name + ". " + message);
        }
    }
}
